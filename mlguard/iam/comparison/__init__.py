"""Whether new policies allow what old ones do not."""
