package embedded

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// handOver sees to it that the database belongs to a role that is no superuser, and is the address by which that role logs in. No
// statement of the program can then reach beyond its database, nor past what is revoked there. Clusters of earlier programs, whose
// tables belong to the superuser, are handed over as they are; an earlier program can still use them.
func (l *launcher) handOver(ctx context.Context, superuser, password string) (string, error) {
	address := addressFor(superuser, roleName, ownerName)
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if tryLogin(ctx, address) == nil {
		return address, nil
	}
	connection, err := connect(ctx, superuser)
	if err != nil {
		return "", err
	}
	defer func() { _ = connection.Close(ctx) }()
	// All of it is one transaction: whoever can log in as the owner finds everything handed over.
	secret := "'" + strings.ReplaceAll(password, "'", "''") + "'"
	_, err = connection.Exec(ctx, strings.NewReplacer("$owner", ownerName, "$database", databaseName, "$secret", secret).Replace(handOverSQL)).ReadAll()
	if err != nil && tryLogin(ctx, address) == nil {
		return address, nil // another program was faster
	}
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return "", fmt.Errorf("the database could not be given its owner: SQLSTATE %s", refusal.Code) // its words could have the statement
	}
	return address, err
}

func tryLogin(ctx context.Context, address string) error {
	connection, err := connect(ctx, address)
	if err != nil {
		return err
	}
	return connection.Close(ctx)
}

// handOverSQL makes the owner, or gives them the password that the file has by now. What is given: to make databases and
// to drop them in spite of connections, autovacuum's among them, which tests do; and to load rows without checks of foreign keys, which makes demo data. Sequences of columns follow their tables.
const handOverSQL = `
DO $do$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$owner') THEN
		CREATE ROLE $owner;
	END IF;
END $do$;
ALTER ROLE $owner LOGIN NOSUPERUSER CREATEDB PASSWORD $secret;
GRANT pg_signal_backend TO $owner;
GRANT SET ON PARAMETER session_replication_role TO $owner;
ALTER DATABASE $database OWNER TO $owner;
DO $do$ DECLARE relation text; BEGIN
	FOR relation IN SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
		WHERE nspname = 'public' AND relkind IN ('r', 'p', 'v', 'm', 'S')
		AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i') AND relkind = 'S')
	LOOP
		EXECUTE 'ALTER TABLE ' || relation || ' OWNER TO $owner';
	END LOOP;
END $do$`
