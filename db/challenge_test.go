package db_test

import (
	"testing"

	"bankgraph/db/dbtest"
)

// TestAnAttemptChangesNoIndex: otherwise each would write a line into all of them, which takes time that an answer to somebody else's challenge does not take.
func TestAnAttemptChangesNoIndex(t *testing.T) {
	t.Parallel()
	var found []string
	if err := dbtest.Empty(t).Pool().QueryRow(t.Context(), `
		SELECT coalesce(array_agg(i.indexrelid::regclass || ' names ' || a.attname), '{}') FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid
		WHERE (i.indrelid, a.attname) IN (
			('challenge'::regclass, 'attempts'), ('challenge'::regclass, 'attempted_at'),
			('user_authentication'::regclass, 'failures'), ('user_authentication'::regclass, 'blocked_until'), ('user_authentication'::regclass, 'misses'))
		  AND (a.attnum = ANY(i.indkey) OR pg_get_expr(i.indpred, i.indrelid) ~ ('\m' || a.attname || '\M') OR pg_get_expr(i.indexprs, i.indrelid) ~ ('\m' || a.attname || '\M'))`).
		Scan(&found); err != nil || len(found) > 0 {
		t.Errorf("%q %v", found, err)
	}
}
