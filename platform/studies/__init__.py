"""Studies, the backends they judge, the snapshots of their files, and who repairs what."""
