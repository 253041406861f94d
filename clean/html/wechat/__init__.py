"""Pages of WeChat Official Accounts, of every era since 2015."""
