"""Pages of figures and exports; an app without models, the only caller of the analysis."""
