"""What principals may do once all of their policies are merged."""
