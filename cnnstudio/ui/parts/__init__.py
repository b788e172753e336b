"""Small parts that all panels share: fields, buttons, labels, lists, bars, pictures, timers."""
