"""The outline: the network as a list that the keyboard alone can edit."""
