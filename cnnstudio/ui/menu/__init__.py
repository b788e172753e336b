"""What can be done: the table of actions, and the menus, lists and keys made from it."""
