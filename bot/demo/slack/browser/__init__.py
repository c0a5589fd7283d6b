"""The browser's side: the page's files, the world it draws, and what people do there."""
