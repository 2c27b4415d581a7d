"""JSON in every shape that event logs come in: in lines, arrays and objects, as rows or columns."""
