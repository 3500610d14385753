-- What news are numbered by: the news of a stream are those that the same people may follow, such as those of a user's challenges, of an account's transaction requests or of a bank's KYC decisions. The
-- row is locked from the number until the commit, so that numbers have no gap and are in the order in which they become visible. The bank is in the name of the stream; that of a user is of no bank.
-- dropped_to is the last of the news that are gone because they were old, and oldest_at is about when the first happened that is left, NULL when none is: by it the old ones are found. A row changes
-- often, and no index with it, so that there is room for its next version beside it.

-- +goose Up
CREATE TABLE event_stream (
    stream      text COLLATE "C" NOT NULL,
    last_number bigint NOT NULL,
    dropped_to  bigint NOT NULL DEFAULT 0,
    oldest_at   timestamptz,
    CONSTRAINT event_stream_pkey PRIMARY KEY (stream),
    CONSTRAINT event_stream_stream_length CHECK (length(stream) BETWEEN 1 AND 200),
    CONSTRAINT event_stream_last_number_bounded CHECK (last_number >= 1),
    CONSTRAINT event_stream_dropped_to_bounded CHECK (dropped_to BETWEEN 0 AND last_number),
    CONSTRAINT event_stream_dropped CHECK ((oldest_at IS NULL) = (dropped_to = last_number))
) WITH (fillfactor = 50);
CREATE INDEX event_stream_oldest ON event_stream (oldest_at, stream) WHERE oldest_at IS NOT NULL;
