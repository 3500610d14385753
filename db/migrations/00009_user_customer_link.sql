-- A link says that a user is a customer: it is what lets people see their own data.
-- One customer per user and bank, as in OBP (OBP-30007).

-- +goose Up
CREATE TABLE user_customer_link (
    user_customer_link_id uuid NOT NULL,
    bank_id               text COLLATE "C" NOT NULL,
    user_id               uuid NOT NULL,
    customer_id           uuid NOT NULL,
    is_active             boolean NOT NULL DEFAULT true,
    created_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_customer_link_pkey PRIMARY KEY (user_customer_link_id, bank_id),
    CONSTRAINT user_customer_link_once UNIQUE (user_id, bank_id),
    CONSTRAINT user_customer_link_user_exists FOREIGN KEY (user_id) REFERENCES app_user (user_id),
    CONSTRAINT user_customer_link_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id)
);
CREATE INDEX user_customer_link_of_customer ON user_customer_link (customer_id, bank_id);
