package files

import (
	"errors"
	"net/url"

	"github.com/minio/minio-go/v7"
)

// Fault is a failure for the log: where a store was asked, and for what, is left out.
func Fault(err error) string {
	var answered minio.ErrorResponse
	var request *url.Error
	switch {
	case errors.As(err, &answered):
		return "the S3 store says " + answered.Code
	case errors.As(err, &request):
		return request.Err.Error()
	}
	return err.Error()
}
