"""Where the operator keeps which logins are one account: a file, a database, a directory."""
