"""The cases are backends to be judged; none of their files is a test of ours."""

collect_ignore = ["cases"]
