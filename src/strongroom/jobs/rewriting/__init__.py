"""Whole tables rewritten: `adopt` takes one over, `convert` changes fields or releases the table.

`adoption_plan` and `change_plan` find out beforehand what that means and what is in the way;
`passes` goes over the rows.
"""
