"""What a service costs a month: a model, and the price list that it calculates with."""
