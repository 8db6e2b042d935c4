#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

class Game {
 public:
  void say(std::string text);
  void move(const std::string& player, double x, double y);
  void on_chat(std::function<void(const std::string&)> handler) {
    chat_handler_ = std::move(handler);
  }
  const std::vector<std::string>& chat() const { return chat_; }

 private:
  std::vector<std::string> chat_;
  std::map<std::string, std::pair<double, double>> positions_;
  std::function<void(const std::string&)> chat_handler_;
};

Game& game();

// Implemented differently by the two programs: alone.cpp and connected.cpp.
void connect();
void frame();
