library(jsonlite)

page <- "http://127.0.0.1:8000/api/v1/organogramChanges?from=2021-05-01&to=2021-10-01"
while (!is.null(page)) {
  found <- fromJSON(page, simplifyVector = FALSE)
  for (change in found$items) cat(change$kind, change$unit$name, change$after, "\n")
  page <- found[["next"]]
}
