package main

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"bankgraph/bank"
	"bankgraph/files"
	"bankgraph/files/transfer"
	"bankgraph/graph"
	"bankgraph/secret"
)

// Files says where the contents of files are kept, and what their links are signed with.
type Files struct {
	FilesDir      string   `help:"Where files are kept; replicas must share it. Default: files in the data directory, and with a database of your own none, so that no files are taken." placeholder:"DIRECTORY"`
	FilesAddress  string   `help:"The address of the server in the links to files, such as https://api.example.com. Default: links are paths at the address of the graph; in the demo the address of the server." placeholder:"URL"`
	S3Endpoint    string   `name:"s3-endpoint" help:"An S3-compatible store that keeps files in place of a directory, such as https://s3.eu-central-1.amazonaws.com. Its credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment." placeholder:"URL"`
	S3Bucket      string   `name:"s3-bucket" help:"Its bucket, which must be there." placeholder:"BUCKET"`
	S3Region      string   `name:"s3-region" help:"The region of the bucket." default:"us-east-1" placeholder:"REGION"`
	SecretKeyFile []string `help:"A file with a secret of at least 32 bytes, the same for all replicas, from which the keys are made that sign links and by which codes of challenges and card numbers are hashed: without it no payment is taken that must be approved. The first file that is named is in use, the others are believed. To replace it name OLD,NEW at all replicas, then NEW,OLD, and NEW alone a day later, when the log says that no secret of a webhook is left, and no payment card is from the time of the old one. Default: made in the data directory, but not with a database of your own." placeholder:"FILE"`
}

// check says what of the flags cannot be.
func (f Files) check() error {
	switch {
	case f.FilesDir != "" && f.S3Endpoint != "":
		return errors.New("--files-dir and --s3-endpoint are two places for files: name one")
	case (f.S3Endpoint == "") != (f.S3Bucket == ""):
		return errors.New("--s3-endpoint and --s3-bucket need each other")
	case f.FilesAddress != "" && graph.Origins([]string{f.FilesAddress}).Check() != nil:
		return errors.New("--files-address should look like https://api.example.com, without a path")
	case f.S3Endpoint != "":
		_, err := f.s3()
		return err
	}
	return nil
}

func (f Files) s3() (*files.S3, error) {
	return files.OpenS3(files.S3Options{
		Endpoint: f.S3Endpoint, Bucket: f.S3Bucket, Region: f.S3Region,
		AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	})
}

// secrets are what the keys of the server are made from, none when nobody names a file and the database is not the program's own.
func (f Files) secrets(config *Config, database *database) (secret.Secrets, error) {
	switch {
	case len(f.SecretKeyFile) > 0:
		return secret.Read(f.SecretKeyFile...)
	case database.own != nil:
		return secret.ReadOrMake(filepath.Join(config.dataDir(), "secret.key"))
	case f.isNamed():
		return secret.Secrets{}, errors.New("--files-dir and --s3-endpoint need the --secret-key-file that links are signed with, the same for all replicas")
	}
	return secret.Secrets{}, nil
}

func (f Files) isNamed() bool { return f.FilesDir != "" || f.S3Endpoint != "" }

// open is where files are kept, nowhere when nobody says where or there is no secret. With a database of its own the program makes both.
func (f Files) open(config *Config, database *database, secrets secret.Secrets, address string, log *slog.Logger) (bank.Files, error) {
	if !secrets.Exist() || !f.isNamed() && database.own == nil {
		log.Info("no files are taken: with a database of your own they need --secret-key-file, and --files-dir or --s3-endpoint")
		return bank.Files{}, nil
	}
	keys, err := secrets.Keys(files.Purpose)
	if err != nil {
		return bank.Files{}, err
	}
	opened := bank.Files{Signer: files.NewSigner(keys), Address: address}
	if f.FilesAddress != "" {
		opened.Address = f.FilesAddress
	}
	opened.Store, err = f.store(config)
	return opened, err
}

func (f Files) store(config *Config) (files.Store, error) {
	switch {
	case f.S3Endpoint != "":
		return f.s3()
	case f.FilesDir != "":
		return files.OpenLocal(f.FilesDir)
	}
	return files.OpenLocal(filepath.Join(config.dataDir(), "files"))
}

// fileRoutes answers at /files/ for a door.
func fileRoutes(door graph.Options, verbs *bank.Bank) http.Handler {
	return door.Origins.Files(transfer.Handler(transfer.Options{Verbs: verbs, Log: door.Log, Telemetry: door.Telemetry, Draining: door.Draining}))
}
