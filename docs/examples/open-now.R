library(jsonlite)

page <- "http://127.0.0.1:8000/api/v1/channels?kind=desk&pageSize=100"
lines <- c()
while (!is.null(page)) {
  found <- fromJSON(page, simplifyVector = FALSE)
  for (desk in found$items) {
    if (desk$status$state == "open") lines <- c(lines, paste0(desk$label, ": ", desk$status$sentence))
  }
  page <- found[["next"]]
}
cat(if (length(lines)) lines else "No desk is open now.", sep = "\n")
