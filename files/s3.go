package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 keeps objects in a bucket of Amazon S3, or of another store that speaks its language.
type S3 struct {
	client *minio.Core
	bucket string
}

// S3Options are where a bucket is, and who asks.
type S3Options struct {
	Endpoint string // https://s3.eu-central-1.amazonaws.com
	Bucket   string
	Region   string

	AccessKey, SecretKey, SessionToken string // the last may be empty
}

// Times of one request to the store. Uploads and downloads have those of their callers.
const (
	s3Wait  = 10 * time.Second // until an answer begins
	s3Probe = 2 * time.Second
)

// OpenS3 opens a bucket. It does not ask whether it is there: a store that is down must not keep a server from starting.
func OpenS3(options S3Options) (*S3, error) {
	address, err := url.Parse(options.Endpoint)
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" || address.Path != "" && address.Path != "/" || address.User != nil {
		return nil, errors.New("the endpoint of the S3 store should look like https://s3.eu-central-1.amazonaws.com")
	}
	if options.Bucket == "" {
		return nil, errors.New("the S3 store needs a bucket")
	}
	if options.AccessKey == "" || options.SecretKey == "" {
		return nil, errors.New("the S3 store needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	transport, err := minio.DefaultTransport(address.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("open the S3 store: %w", err)
	}
	transport.ResponseHeaderTimeout = s3Wait
	client, err := minio.NewCore(address.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(options.AccessKey, options.SecretKey, options.SessionToken),
		Secure: address.Scheme == "https", Region: options.Region, Transport: transport,
		MaxRetries: 1, // who asks us tries again, and holds a seat meanwhile
	})
	if err != nil {
		return nil, fmt.Errorf("open the S3 store: %w", err)
	}
	return &S3{client, options.Bucket}, nil
}

// Put writes content to a file of the system first, which nobody else can open: a slow client then holds no connection to the store, the
// store is told the length and the hash before the first byte, and never sees what is refused at the last one.
func (s *S3) Put(ctx context.Context, key string, content io.Reader) (err error) {
	if err := checkKey(key); err != nil {
		return err
	}
	spool, err := os.CreateTemp("", "bankgraph-upload-*")
	if err != nil {
		return unavailable(err)
	}
	_ = os.Remove(spool.Name()) // it stays readable here, and is gone whatever happens; Windows refuses, and removes it below
	defer func() { _, _ = spool.Close(), os.Remove(spool.Name()) }()
	from := &source{Reader: content}
	size, err := io.Copy(spool, from)
	if from.failure != nil {
		return from.failure
	}
	if err == nil {
		_, err = spool.Seek(0, io.SeekStart)
	}
	if err != nil {
		return unavailable(err)
	}
	options := minio.PutObjectOptions{DisableMultipart: true, DisableContentSha256: false, ContentType: "application/octet-stream"}
	options.SetMatchETagExcept("*")
	_, err = s.client.Client.PutObject(ctx, s.bucket, key, spool, size, options)
	return s3Outcome(err)
}

// Open asks for the object's size, and for its content where and when it is read.
func (s *S3) Open(ctx context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	info, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return nil, s3Outcome(err)
	}
	return &s3Object{ctx: ctx, store: s, key: key, size: info.Size, etag: info.ETag}, nil
}

// Delete removes an object.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := s3Outcome(s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotThere) {
		return nil
	}
	return err
}

// Ping asks for the bucket.
func (s *S3) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s3Probe)
	defer cancel()
	switch there, err := s.client.BucketExists(ctx, s.bucket); {
	case err != nil:
		return unavailable(err)
	case !there:
		return unavailable(errors.New("there is no such bucket"))
	}
	return nil
}

// Sweep has nothing to remove: the system removes spools, and the store what was not sent whole.
func (*S3) Sweep(time.Time) error { return nil }

// s3Outcome is what a failure means. All that is not known may be over later: wrong credentials, too, are put right by somebody.
func s3Outcome(err error) error {
	if err == nil {
		return nil
	}
	switch answer := minio.ToErrorResponse(err); {
	case answer.Code == minio.NoSuchKey || answer.StatusCode == http.StatusNotFound && answer.Code != minio.NoSuchBucket:
		return ErrNotThere
	case answer.StatusCode == http.StatusPreconditionFailed, answer.Code == minio.PreconditionFailed:
		return ErrExists
	}
	return unavailable(err)
}

// s3Object reads an object from where it is asked to.
type s3Object struct {
	ctx   context.Context //nolint:containedctx // it is that of whoever opened it, and lives no longer
	store *S3
	key   string
	size  int64
	etag  string
	at    int64
	body  io.ReadCloser // from at on; nil until something is read
}

// Size is in bytes.
func (o *s3Object) Size() int64 { return o.size }

// Seek says where to read next.
func (o *s3Object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("files: there is nothing before the beginning")
	}
	if offset != o.at {
		_ = o.Close() // what it would have read is not wanted
		o.at = offset
	}
	return offset, nil
}

// Read reads on.
func (o *s3Object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil {
		options := minio.GetObjectOptions{}
		if err := errors.Join(options.SetRange(o.at, o.size-1), options.SetMatchETag(o.etag)); err != nil {
			return 0, fmt.Errorf("read an object: %w", err)
		}
		body, _, _, err := o.store.client.GetObject(o.ctx, o.store.bucket, o.key, options)
		if err != nil {
			return 0, s3Outcome(err)
		}
		o.body = body
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, unavailable(err)
	}
	if errors.Is(err, io.EOF) && o.at < o.size {
		return n, unavailable(io.ErrUnexpectedEOF)
	}
	return n, err
}

// Close ends what is being read.
func (o *s3Object) Close() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}
