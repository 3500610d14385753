-- One payment as one call, for pgbench: the same statements as the ledger's, with the same keys and constraints, once a payment.
CREATE OR REPLACE FUNCTION bench_account(v bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(v), 12, '0'))::uuid
$$;

-- A key in the order of time, as the ledger makes it.
CREATE OR REPLACE FUNCTION bench_new_id() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    time text := lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0');
BEGIN
    RETURN (substr(time, 1, 8) || '-' || substr(time, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid;
END $$;

-- Its result is the transaction, null for want of money.
CREATE OR REPLACE FUNCTION bench_pay(payer_number bigint, payee_number bigint, amount numeric) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    payer_id       uuid := bench_account(payer_number);
    payee_id       uuid := bench_account(payee_number);
    transaction_id uuid := bench_new_id();
    now            timestamptz;
    one            record;
    payer          record;
    payee          record;
BEGIN
    FOR one IN
        SELECT account_id, kind, currency, balance, reserved, floor, posting_count FROM account
        WHERE account_id IN (payer_id, payee_id) AND bank_id = 'bench'
        ORDER BY bank_id, account_id
        FOR NO KEY UPDATE
    LOOP
        IF one.account_id = payer_id THEN payer := one; ELSE payee := one; END IF;
    END LOOP;
    now := clock_timestamp();
    IF payer.balance - payer.reserved - amount < payer.floor THEN
        RETURN NULL;
    END IF;
    INSERT INTO ledger_transaction (transaction_id, bank_id, type, description, posted_at, completed_at, recorded_at,
           payer_bank_id, payer_account_id, payee_bank_id, payee_account_id, currency, amount, credited_currency, credited_amount)
    VALUES (transaction_id, 'bench', 'ACCOUNT', 'Measured', now, now, now, 'bench', payer_id, 'bench', payee_id, 'EUR', amount, 'EUR', amount);
    INSERT INTO posting (posting_id, bank_id, account_id, transaction_id, number, currency, amount, balance_after)
    VALUES (bench_new_id(), 'bench', payer_id, transaction_id, payer.posting_count + 1, 'EUR', -amount, payer.balance - amount),
           (bench_new_id(), 'bench', payee_id, transaction_id, payee.posting_count + 1, 'EUR', amount, payee.balance + amount);
    UPDATE account SET balance = balance - amount, posting_count = posting_count + 1 WHERE account_id = payer_id AND bank_id = 'bench';
    UPDATE account SET balance = balance + amount, posting_count = posting_count + 1 WHERE account_id = payee_id AND bank_id = 'bench';
    RETURN transaction_id;
END $$;

-- The same, with all that the program reads and writes of a request: its key, the request, its event, the total of the day, the audit entry and the news. Who may pay, and on which terms, is not asked.
CREATE OR REPLACE FUNCTION bench_request(payer_number bigint, payee_number bigint, amount numeric) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    request  transaction_request;
    user_key uuid := bench_account(1 + (payer_number - 1) / 4);
    new_key  text := gen_random_uuid()::text;
    now      timestamptz := clock_timestamp();
    counted  bigint;
    paid     uuid := bench_pay(payer_number, payee_number, amount);
BEGIN
    IF paid IS NULL THEN
        RETURN 'INSUFFICIENT_FUNDS';
    END IF;
    PERFORM FROM idempotency_key AS used
    WHERE used.bank_id = 'bench' AND used.account_id = bench_account(payer_number) AND used.user_id = user_key AND used.key = new_key;
    INSERT INTO transaction_request (transaction_request_id, bank_id, account_id, type, status, payer_bank_id, payer_account_id, payee_bank_id, payee_account_id,
           currency, amount, credited_currency, credited_amount, charge_amount, charge_summary, charge_policy, description, execute_on, started_at, ended_at,
           transaction_id, user_id, client_id, event_count)
    VALUES (bench_new_id(), 'bench', bench_account(payer_number), 'ACCOUNT', 'COMPLETED', 'bench', bench_account(payer_number), 'bench', bench_account(payee_number),
           'EUR', amount, 'EUR', amount, 0, 'None', 'SHARED', 'Measured', now::date, now, now, paid, user_key, 'bench', 1)
    RETURNING * INTO request;
    INSERT INTO idempotency_key (bank_id, account_id, user_id, key, request_hash, object_id, made_at)
    VALUES ('bench', request.account_id, user_key, new_key, sha256(new_key::bytea), request.transaction_request_id, now);
    INSERT INTO transaction_request_event (transaction_request_id, bank_id, number, status, user_id, occurred_at)
    VALUES (request.transaction_request_id, 'bench', 1, 'COMPLETED', user_key, now);
    INSERT INTO daily_total AS t (bank_id, account_id, day, type, currency, total)
    VALUES ('bench', request.account_id, request.execute_on, 'ACCOUNT', 'EUR', amount)
    ON CONFLICT (account_id, bank_id, day, type, currency) DO UPDATE SET total = t.total + excluded.total;
    INSERT INTO audit_entry (audit_entry_id, bank_id, action, outcome, user_id, username, client_id, object_id, new_values, correlation_id)
    VALUES (bench_new_id(), 'bench', 'createTransactionRequest', 'DONE', user_key, 'bench-1', 'bench', 'txr_' || new_key, jsonb_strip_nulls(to_jsonb(request)), 'req_' || new_key);
    INSERT INTO event_stream AS s (stream, last_number, oldest_at) VALUES ('account:bench:' || request.account_id, 1, now)
    ON CONFLICT (stream) DO UPDATE SET last_number = s.last_number + excluded.last_number, oldest_at = coalesce(s.oldest_at, excluded.oldest_at)
    RETURNING last_number INTO counted;
    INSERT INTO event (stream, number, kind, object_id, bank_id, occurred_at)
    VALUES ('account:bench:' || request.account_id, counted, 'REQUEST_COMPLETED', request.transaction_request_id, 'bench', now);
    RETURN 'DONE';
END $$;
