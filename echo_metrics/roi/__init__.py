"""Return on investment: a ledger of contestable lines in, figures with their ranges out.

`ledger` holds the lines and checks them, `figures` does the arithmetic. Pure: no file, no database, no clock.
"""
