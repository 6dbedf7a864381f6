"""The nightly renewal: a head office publishes signed catalogs as static files, and stores pull them whole.

    published     what a published version is: manifest, parts, deltas, all by content
    pack          zstd, with a cap on what comes out
    keys          private keys of the publisher
    repository    The Update Framework's metadata of a published folder
    renumber      the publisher's copy of a catalog, whose ids stay from version to version
    delta         the rows that differ between two versions, and how they are put in
    publish       a generation becomes the next version
    fetch         bytes from a server or a folder, resumed and bounded
    trust         what of them may be believed
    plan          what to fetch, as a pure function
    apply         a new generation from a delta or a snapshot, verified before it is active
    client        one renewal from beginning to end
"""
