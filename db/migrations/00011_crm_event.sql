-- What the bank planned with a customer, and what came of it.

-- +goose Up
CREATE TABLE crm_event (
    crm_event_id uuid NOT NULL,
    bank_id      text COLLATE "C" NOT NULL,
    customer_id  uuid NOT NULL,
    category     text NOT NULL,
    detail       text NOT NULL,
    channel      text NOT NULL,
    scheduled_at timestamptz,
    happened_at  timestamptz,
    result       text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT crm_event_pkey PRIMARY KEY (crm_event_id, bank_id),
    CONSTRAINT crm_event_customer_exists FOREIGN KEY (customer_id, bank_id) REFERENCES customer (customer_id, bank_id),
    CONSTRAINT crm_event_category_length CHECK (length(category) BETWEEN 1 AND 32),
    CONSTRAINT crm_event_detail_length CHECK (length(detail) BETWEEN 1 AND 1024),
    CONSTRAINT crm_event_channel_length CHECK (length(channel) BETWEEN 1 AND 32),
    CONSTRAINT crm_event_result_length CHECK (length(result) <= 64)
);
CREATE INDEX crm_event_of_bank ON crm_event (bank_id, created_at, crm_event_id);
CREATE INDEX crm_event_of_customer ON crm_event (customer_id, bank_id, created_at, crm_event_id);
