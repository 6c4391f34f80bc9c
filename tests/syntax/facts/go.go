// Package server answers requests.
package server

import (
	"context"
	"fmt"
	log "log/slog"
	. "math"
	_ "net/http/pprof"
	"example.com/project/internal/store"
)

import "errors"

// ErrClosed says that it is closed.
var ErrClosed = errors.New("closed")

const (
	// Limit of requests.
	Limit = 10
	small = iota
)

var first, second store.Key

// Server answers.
//
// More about it.
type Server[T any] struct {
	*store.Store
	Base
	Name  string
	items map[string]*Item[T]
	next, last *Item[T]
}

type Handler func(ctx context.Context, request *Request) error

type Alias = store.Key

type Closer interface {
	fmt.Stringer
	Close() error
	Wait(ctx context.Context, keys ...store.Key) (n int, err error)
}

type (
	Grouped struct{}
	ID      int
)

// New makes a Server.
func New[T any](name string, options ...Option) (*Server[T], error) {
	server := &Server[T]{Name: name, items: make(map[string]*Item[T])}
	for _, option := range options {
		option(server)
	}
	if err := server.check(Limit); err != nil {
		return nil, fmt.Errorf("new: %w", err)
	}
	server.items[name] = store.Default.Get(name).Value
	go helper(func(x int) Response { return Response{Code: x} })
	return server, nil
}

func (s *Server[T]) check(limit int) error {
	var local Request
	log.Info("checked", "ü", limit, local)
	return Handler(nil)(s.ctx, nil)
}

func (Server[T]) Close() error { return ErrClosed }

func init() {}
