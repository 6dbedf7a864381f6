"""The nightly renewal: a head office publishes signed catalogs as static files, and stores pull them whole.

Published
    layout           the names in a published folder
    published        what a version is: its manifest, parts and deltas, all by content
    pack             zstd, with a cap on what comes out
    stock_file       stock, which is signed apart and every few minutes

Head office
    keys, passphrases            private keys
    expiry                       how long what is signed may be believed
    repository, repository_files The Update Framework's metadata of a published folder
    renumber                     the publisher's copy of a catalog, whose ids stay from version to version
    golden                       queries with their answers
    publish                      a generation becomes the next version

Store
    address, source              where from: a server or a folder
    http_source, folder_source   (http_rules, http_sockets, proxies, bandwidth, retry): bytes, bounded in every way
    fetch, part_file             a file whole or not at all, resumed
    trust, trust_state           (trust_view, trust_errors, tuf_fetcher): what of it may be believed
    plan                         what to fetch, as a pure function
    delta, catalog_rows          the rows that differ between two versions, and how they are put in
    apply, apply_index           a new generation in a folder beside the others (graph_edit, graph_levels)
    verify_version               whether it is what was signed, before it is active
    settings, client             where from; one renewal from beginning to end
    schedule                     when, as pure functions
    status                       what the last renewals came to
"""
