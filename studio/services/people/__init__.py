"""People: who is invited, who may sign in, what they leave behind; every change is in the audit."""
