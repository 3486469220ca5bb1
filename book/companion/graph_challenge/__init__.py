"""The numbers of the Graph Challenge: what is measured, by whom, and where it is published."""
