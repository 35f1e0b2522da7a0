library(jsonlite)

organogram <- fromJSON("http://127.0.0.1:8000/api/v1/organogram", simplifyVector = FALSE)

show <- function(unit, level = 0) {
  cat(strrep("  ", level), unit$name, "\n", sep = "")
  for (part in unit$children) show(part, level + 1)
}

show(organogram$root)
