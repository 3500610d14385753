-- A tag is a word. The first migration bounded how many an address has, and not how long each is.
-- A check may not look into an array row by row, but a path into JSON may: it finds a tag that is empty or longer than 64 characters.

-- +goose Up
ALTER TABLE customer_address ADD CONSTRAINT customer_address_tags_length CHECK (
    NOT jsonb_path_exists(to_jsonb(tags), '$[*] ? (!(@ like_regex "^.{1,64}$" flag "s"))')
);
