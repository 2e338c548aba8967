"""The demo account: moto, with what it lacks filled in."""
