"""What an account is remembered by: signals, measures, pages and the view of them."""
