package ledger

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// trip is statements that go to the database together. Those of other rooms are put together by their text: each is run once, with the values of all orders.
type trip struct {
	batch pgx.Batch
}

func newTrip() *trip { return &trip{} }

func (t *trip) add(sql string, arguments ...any) *pgx.QueuedQuery {
	return t.batch.Queue(sql, arguments...)
}

// send runs all statements, each prepared once a connection.
func (t *trip) send(ctx context.Context, connection *pgx.Conn) error {
	for _, queued := range t.batch.QueuedQueries {
		if len(queued.Arguments) == 0 {
			continue // there is nothing to plan
		}
		// The connection asks the server only for what is new, and names the statement by its text.
		if _, err := connection.Prepare(ctx, queued.SQL, queued.SQL); err != nil {
			return fmt.Errorf("prepare a statement: %w", err)
		}
	}
	return connection.SendBatch(ctx, &t.batch).Close()
}

// ask adds the questions of a batch.
func (t *trip) ask(items []*item) {
	together := newColumns()
	asked := map[string][]Question{}
	for _, i := range items {
		for _, question := range i.order.Questions {
			if question.Begin != nil {
				question.Begin()
			}
			together.add(question.SQL, question.Values)
			asked[question.SQL] = append(asked[question.SQL], question)
		}
	}
	for _, sql := range together.texts {
		questions := asked[sql]
		t.add(sql, together.arguments(sql)...).Query(func(rows pgx.Rows) error {
			defer rows.Close()
			for rows.Next() {
				var position int64
				others := make([]any, len(rows.FieldDescriptions())-1)
				if err := rows.Scan(append([]any{&position}, others...)...); err != nil {
					return fmt.Errorf("read an answer: %w", err)
				}
				if position < 1 || position > int64(len(questions)) {
					return fmt.Errorf("ledger: an answer to question %d of %d", position, len(questions))
				}
				if err := questions[position-1].Answer(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
}

// insert adds the rows of other rooms, those that come last behind all others.
func (t *trip) insert(items []*item) {
	t.insertAll(items, func(i *item) []Row { return i.rows })
	t.insertAll(items, func(i *item) []Row { return i.last })
}

func (t *trip) insertAll(items []*item, of func(*item) []Row) {
	together := newColumns()
	touched, isAny := map[string]int{}, map[string]bool{}
	for _, i := range items {
		for _, row := range of(i) {
			together.add(row.SQL, row.Values)
			touched[row.SQL] += row.Rows
			isAny[row.SQL] = isAny[row.SQL] || row.Rows == 0
		}
	}
	for _, sql := range together.texts {
		arguments := together.arguments(sql)
		if isAny[sql] {
			t.add(sql, arguments...)
		} else {
			t.add(counted(sql, len(arguments)), append(arguments, touched[sql])...)
		}
	}
}

// counted is a statement of so many parameters that fails when it does not touch as many rows as one more says. To count what it answers would be too late: the
// commit is sent behind it without waiting.
func counted(sql string, parameters int) string {
	return fmt.Sprintf("WITH touched AS (%s RETURNING 1) SELECT 1 / (count(*) = $%d::bigint)::integer FROM touched", sql, parameters+1)
}

// isMiscounted says whether a statement touched another number of rows than it had to.
func isMiscounted(err error) bool { return stateOf(err) == "22012" }

// columns are values by statement and column. The statements are in the order in which they first came.
type columns struct {
	texts  []string
	values map[string][][]any
}

func newColumns() *columns { return &columns{values: map[string][][]any{}} }

func (c *columns) add(sql string, values []any) {
	of, known := c.values[sql]
	if !known {
		of = make([][]any, len(values))
		c.texts, c.values[sql] = append(c.texts, sql), of
	}
	if len(of) != len(values) {
		panic(fmt.Sprintf("ledger: %d values for a statement of %d columns: %s", len(values), len(of), sql))
	}
	for i, value := range values {
		if id, isUUID := value.(uuid.UUID); isUUID {
			value = [16]byte(id) // for the library's own type pgx takes the way over its text
		}
		of[i] = append(of[i], value)
	}
}

func (c *columns) arguments(sql string) []any {
	arguments := make([]any, len(c.values[sql]))
	for i, column := range c.values[sql] {
		arguments[i] = column
	}
	return arguments
}
