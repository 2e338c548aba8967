"""What things cost: Decimal, in USD a month, with a source and a date behind each price."""
