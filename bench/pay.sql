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

CREATE OR REPLACE FUNCTION bench_pay(payer_number bigint, payee_number bigint, amount numeric) RETURNS text LANGUAGE plpgsql AS $$
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
        RETURN 'INSUFFICIENT_FUNDS';
    END IF;
    INSERT INTO ledger_transaction (transaction_id, bank_id, type, description, posted_at, completed_at, recorded_at,
           payer_bank_id, payer_account_id, payee_bank_id, payee_account_id, currency, amount, credited_currency, credited_amount)
    VALUES (transaction_id, 'bench', 'ACCOUNT', 'Measured', now, now, now, 'bench', payer_id, 'bench', payee_id, 'EUR', amount, 'EUR', amount);
    INSERT INTO posting (posting_id, bank_id, account_id, transaction_id, number, currency, amount, balance_after)
    VALUES (bench_new_id(), 'bench', payer_id, transaction_id, payer.posting_count + 1, 'EUR', -amount, payer.balance - amount),
           (bench_new_id(), 'bench', payee_id, transaction_id, payee.posting_count + 1, 'EUR', amount, payee.balance + amount);
    UPDATE account SET balance = balance - amount, posting_count = posting_count + 1 WHERE account_id = payer_id AND bank_id = 'bench';
    UPDATE account SET balance = balance + amount, posting_count = posting_count + 1 WHERE account_id = payee_id AND bank_id = 'bench';
    RETURN 'DONE';
END $$;
