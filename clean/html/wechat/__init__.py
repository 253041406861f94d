"""Pages of WeChat Official Accounts, of every era since 2015: what they are, what they say, where the content is."""
