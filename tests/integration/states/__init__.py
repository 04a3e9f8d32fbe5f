"""State folders of earlier versions, made by those versions themselves: `python -m tests.integration.states`."""
