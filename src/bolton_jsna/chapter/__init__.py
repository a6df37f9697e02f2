"""The chapter: one document from the tables of a build, written for Word, the web and Excel."""
