-- Finds customers by words and beginnings of words. Without an extension such an index cannot begin with the bank: it gives the customers of
-- all banks who have the words, of whom the bank's are kept.

-- +goose Up
CREATE INDEX customer_by_search_words ON customer USING gin (search_words);
