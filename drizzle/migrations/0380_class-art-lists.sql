-- Members ask for the lists of art that the ledger names by hash.
create index class_art_media on catalogue.class_art (media_sm3);
