"""Why a number is what it is, and what matters to it: nothing here knows that a screen exists."""
