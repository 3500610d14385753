-- The address of a medium is that of a host with a public name: no number in any spelling, no name without a dot. The verb refuses more (names of
-- private networks); this is the second wall. No row can break it that was written through the program, which had no way to write any.

-- +goose Up
ALTER TABLE kyc_media
    DROP CONSTRAINT kyc_media_url_form,
    ADD CONSTRAINT kyc_media_url_form CHECK (length(url) <= 255
        AND url ~* '^https://([a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})(:[0-9]{1,5})?([/?#]|$)');
