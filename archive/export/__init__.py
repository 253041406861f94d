"""A collection given away: in the forms that the tools of others read, one file for each form."""
