package dbtest

import (
	"cmp"
	"sync"

	"bankgraph/models"
)

// Done counts, among the codes of refusals, what was not refused.
const Done models.Code = "DONE"

// Together does something so many times at once: none begins before all are there.
func Together[T any](times int, do func(i int) T) []T {
	var group sync.WaitGroup
	start, answers := make(chan struct{}), make([]T, times)
	for i := range times {
		group.Go(func() { <-start; answers[i] = do(i) })
	}
	close(start)
	group.Wait()
	return answers
}

// Codes counts what came of something that was done many times.
func Codes(errs []error) map[models.Code]int {
	counts := map[models.Code]int{}
	for _, err := range errs {
		if err == nil {
			counts[Done]++
		} else {
			counts[cmp.Or(models.CodeOf(err), models.Internal)]++
		}
	}
	return counts
}
