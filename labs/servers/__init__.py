"""One module a server, its configuration templates in the folder of the same name beside it."""
