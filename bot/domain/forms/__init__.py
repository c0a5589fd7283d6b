"""A workflow's form: what it asks for, how it stands while it is filled in, and what was answered.

`form` is the form itself, whoever drew it; `plain` draws one from a workflow's inputs; `fitting` adds what
the policy says; `live` settles how it stands with what was typed and found; `answers` reads it as arguments.
"""
