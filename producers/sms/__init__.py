"""Reports by SMS: what a short message means, the gateways it comes through, and what is answered."""
