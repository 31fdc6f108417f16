"""The officer web app: pages and their files, and the door that serves them."""
