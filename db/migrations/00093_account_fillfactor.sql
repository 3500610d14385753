-- Leaves room beside each account: a new balance then stays on its page and touches no index.

-- +goose Up
ALTER TABLE account SET (fillfactor = 60);
