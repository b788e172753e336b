"""What a decision rests on, what excites a filter, and what a network bears."""
