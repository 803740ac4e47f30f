"""What asks a server: HTTP, FastCGI, readers who ask again and again, and those who keep their connection open."""
