"""What people do: click, type, submit, and read what is on their screen."""
